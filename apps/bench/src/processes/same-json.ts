import express from "express";
import { tell } from "./parent.ts";
import { urlOf } from "./url.ts";

const [, , json = ""] = process.argv;
const body: unknown = JSON.parse(json);

const app = express();

app.get("/contacts/profile-picture", (_request, response) => {
  response.json(body);
});

tell("url", await urlOf(app));
