import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "@wuts/sandbox";
import { createProject, type Project } from "./project.ts";

/** The sandbox, and the contract as it serves it. */
export interface World extends Pick<Sandbox, "url" | "token" | "deviceId"> {
  /** The text of `/openapi.json`. */
  readonly document: string;
  /** A project that has the contract as `openapi.json`. It is removed when the world stops. */
  project(packages?: Readonly<Record<string, string>>): Promise<Project>;
  stop(): Promise<void>;
}

/** Starts a sandbox on a free port of this machine, and gets the contract from it. */
export async function startWorld(): Promise<World> {
  const sandbox = await startSandbox({ WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" });
  const { url, token, deviceId } = sandbox;
  const projects: Project[] = [];
  const document = await textOf(`${url}/openapi.json`).catch(async (error) => {
    await sandbox.stop();
    throw error;
  });
  return {
    ...{ url, token, deviceId, document },
    async project(packages) {
      const project = await createProject(packages);
      projects.push(project);
      await project.write("openapi.json", document);
      return project;
    },
    async stop() {
      await Promise.all(projects.map((project) => project.remove()));
      await sandbox.stop();
    },
  };
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} is answered with ${response.status}`);
  return response.text();
}

/** An account of the sandbox, which has a picture. */
export const number = "5511999999999";

/** Fails unless it is what the sandbox answers for that account. */
export function assertPicture(data: unknown): void {
  assert.partialDeepStrictEqual(data, {
    jid: `${number}@s.whatsapp.net`,
    picture_id: "1700000000",
    type: "image",
    unchanged: false,
  });
}
