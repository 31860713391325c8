import type { OperationDescription } from "./operation-types.ts";

/** @returns `contacts/get-contact-profile` for `getContactProfile`: what the files of an operation are called, without their ends */
export function operationFile({
  tag,
  operationId,
}: Pick<OperationDescription, "tag" | "operationId">): string {
  return `${tag}/${operationId.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
