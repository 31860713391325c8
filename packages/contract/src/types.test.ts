import assert from "node:assert/strict";
import { it } from "vitest";
import type {
  Answer,
  Device,
  ErrorCode,
  ErrorCodesOf,
  OpenApiDocument,
  OperationId,
  Operations,
  operations,
  QrCode,
  StatusOf,
} from "./index.ts";

/** `true` when both types are the same, optional and readonly included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Intersections written as one object, so that `Same` can compare them. */
type Flat<T> = { [Key in keyof T]: T[Key] };
/** Of each alternative. */
type WhoIsAsked<Query> = Query extends { jid?: unknown; number?: unknown }
  ? Pick<Query, "jid" | "number">
  : never;

// Nothing runs here: what is wrong does not compile.
const proofs: true[] = [
  // Every operation of the list has a shape, and the other way round.
  true satisfies Same<OperationId, (typeof operations)[number]["operationId"]>,

  // A parameter with a default is there after validation; one without may be missing.
  true satisfies Same<
    Flat<Operations["listDevices"]["query"]>,
    { readonly limit: number; readonly cursor?: string }
  >,
  true satisfies Same<Operations["getContactProfilePicture"]["query"]["preview"], boolean | number>,
  true satisfies Same<Operations["getContactProfilePicture"]["query"]["existing_id"], string | undefined>,

  // What a schema requires only together with something else does not hide what its fields are.
  true satisfies Same<
    Operations["lookUpContactProfilePictures"]["body"],
    { jids?: string[]; numbers?: string[]; preview?: boolean | number }
  >,

  // Of parameters one of which is needed, one is there.
  true satisfies Same<
    WhoIsAsked<Operations["getContactProfilePicture"]["query"]>,
    { readonly jid: string; readonly number?: string } | { readonly jid?: undefined; readonly number: string }
  >,
  true satisfies Same<keyof Operations["getLiveness"]["query"], never>,

  true satisfies Same<Operations["getDevice"]["path"], Readonly<{ device_id: string }>>,
  true satisfies Same<keyof Operations["listDevices"]["path"], never>,

  true satisfies Same<
    Operations["createDevice"]["body"],
    { name: string; picture_pace_per_minute?: number | null }
  >,
  true satisfies Same<Operations["listDevices"]["body"], undefined>,

  // Handlers give the data of the envelope, with the success status that the contract has.
  true satisfies Same<Answer<"createDevice">, { readonly status: 201; readonly data: Device }>,
  true satisfies Same<Answer<"generateSessionQrCode">, { readonly status: 200; readonly data: QrCode }>,
  true satisfies Same<Answer<"getContractYaml">, { readonly status: 200; readonly body: string }>,
  true satisfies Same<Answer<"getContractJson">, { readonly status: 200; readonly body: OpenApiDocument }>,

  true satisfies Same<StatusOf<"getDevice">, 200 | 400 | 401 | 404 | 429 | 500 | 503>,
  true satisfies Same<
    ErrorCodesOf<"getDevice">,
    | "VALIDATION_ERROR"
    | "UNAUTHORIZED"
    | "DEVICE_NOT_FOUND"
    | "RATE_LIMITED"
    | "INTERNAL_ERROR"
    | "DEVICE_ELSEWHERE"
    | "STORAGE_UNAVAILABLE"
    | "SERVER_BUSY"
  >,
  true satisfies "PICTURE_HIDDEN" extends ErrorCode ? true : false,
  true satisfies string extends ErrorCode ? false : true,
];

it("holds at the level of types", () => assert.ok(proofs.every(Boolean)));
