import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { isPictureAddress } from "./picture-download.ts";

describe("isPictureAddress", () => {
  const simulator = "ws://127.0.0.1:9000/ws/chat";

  for (const address of [
    "https://pps.whatsapp.net/v/t61/a.jpg?oe=6A314420",
    "https://media-gru1-1.cdn.whatsapp.net/v/a.jpg",
    "https://scontent.fbcdn.net/a.jpg",
    "https://media.fgru1-1.fna.fbcdn.net/a.jpg",
    "https://PPS.WhatsApp.NET:443/a.jpg",
  ]) {
    it(`is ${address}`, () => {
      assert.equal(isPictureAddress(address, undefined), true);
      assert.equal(isPictureAddress(address, simulator), false, "where a simulator is in its place");
    });
  }

  for (const address of [
    "http://pps.whatsapp.net/a.jpg",
    "https://pps.whatsapp.net:8443/a.jpg",
    "https://me@pps.whatsapp.net/a.jpg",
    "https://pps.whatsapp.net@example.com/a.jpg",
    "https://pps.whatsapp.net.example.com/a.jpg",
    "https://evilwhatsapp.net/a.jpg",
    "https://example.com/pps.whatsapp.net",
    "https://127.0.0.1/a.jpg",
    "https://169.254.169.254/latest",
    "http://localhost/a.jpg",
    "file:///etc/passwd",
    "data:image/jpeg;base64,AAAA",
    "//pps.whatsapp.net/a.jpg",
    "",
  ])
    it(`is not ${address || "nothing"}`, () => assert.equal(isPictureAddress(address, undefined), false));

  it("is this machine where a simulator is, and nothing else", () => {
    for (const host of ["127.0.0.1:8080", "localhost:1", "[::1]:1"])
      assert.equal(isPictureAddress(`http://${host}/a.jpg`, simulator), true, host);
    for (const host of ["10.0.0.1", "127.0.0.1.example.com", "me@127.0.0.1", "example.com"])
      assert.equal(isPictureAddress(`http://${host}/a.jpg`, simulator), false, host);
  });
});
