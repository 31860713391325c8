import express from "express";
import { tell } from "./parent.ts";

const [, , json = ""] = process.argv;
const body: unknown = JSON.parse(json);

const app = express();

app.get("/contacts/profile-picture", (_request, response) => {
  response.json(body);
});

const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address) tell("url", `http://127.0.0.1:${address.port}`);
});
