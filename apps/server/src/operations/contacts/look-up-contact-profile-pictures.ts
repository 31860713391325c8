import type { LookedUpPicture, PictureLookUpProgress, PictureProblem } from "@wuts/contract";
import type { Found } from "../../features/pictures/picture-batches.ts";
import type { PictureOutcome } from "../../features/pictures/profile-pictures.ts";
import { Failure, type FailureName } from "../../kernel/failures.ts";
import { type Jid, jidOfPhoneNumber, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { Input, Operation } from "../operation.ts";
import { readPhoneNumber } from "../phone-number.ts";
import { isTrue } from "../values.ts";

export const lookUpContactProfilePictures: Operation<"lookUpContactProfilePictures"> = async (
  { query, body, caller, signal, acceptsNdjson, noCache },
  { devices },
) => {
  const asked = askedIn(body);
  const { pictureBatches } = await devices.readyForCaller(caller, query.device_id, signal);
  const size = isTrue(body.preview ?? true) ? "preview" : "image";
  const targets = asked.flatMap(({ target }) => (target instanceof Failure ? [] : target));
  const options = { size, noCache, signal } as const;
  if (acceptsNdjson)
    return { status: 200, lines: progressOf(asked, pictureBatches.stream(targets, options)) };
  const outcomes = await pictureBatches.lookUp(targets, options);
  const items = asked.map(({ input, target }) =>
    itemOf(input, target instanceof Failure ? target : outcomes.get(target)),
  );
  return { status: 200, data: { items } };
};

interface Asked {
  readonly input: string;
  /** A failure for what is neither a JID nor a number. */
  readonly target: Jid | Failure;
}

function askedIn({ jids = [], numbers = [] }: Input<"lookUpContactProfilePictures">["body"]): Asked[] {
  return [
    ...jids.map((input) => ({
      input,
      target: parseJid(input) ?? notOneOfMany("must be the JID of a user, a LID or a group"),
    })),
    ...numbers.map((input) => {
      const { digits, problem } = readPhoneNumber(input);
      return { input, target: digits === undefined ? notOneOfMany(problem) : jidOfPhoneNumber(digits) };
    }),
  ];
}

function notOneOfMany(message: string): Failure {
  return new Failure("ValidationFailed", { message });
}

/** Duplicate targets are looked up once and reported once per input. */
async function* progressOf(
  asked: readonly Asked[],
  found: AsyncIterable<Found | undefined>,
): AsyncGenerator<PictureLookUpProgress> {
  const total = asked.length;
  let done = 0;
  for (const { input, target } of asked) {
    if (!(target instanceof Failure)) continue;
    done += 1;
    yield { done, total, item: itemOf(input, target) };
  }
  for await (const one of found) {
    if (one === undefined) yield { done, total, item: null };
    for (const { input, target } of asked) {
      if (target !== one?.target) continue;
      done += 1;
      yield { done, total, item: itemOf(input, one.outcome) };
    }
  }
}

function itemOf(input: string, outcome: PictureOutcome | undefined): LookedUpPicture {
  if (outcome === undefined)
    throw new Failure("InternalError", { cause: "a contact that was asked for is missing" });
  if (!(outcome instanceof Failure)) return { input, picture: outcome, error_code: null, error: null };
  const error_code = problems[outcome.name];
  if (error_code === undefined) throw outcome;
  return { input, picture: null, error_code, error: outcome.message };
}

/** The failures of a single item; any other failure concerns the whole request. */
const problems: Partial<Record<FailureName, PictureProblem>> = {
  ValidationFailed: "VALIDATION_ERROR",
  NotOnWhatsApp: "NOT_ON_WHATSAPP",
  PictureNotSet: "PICTURE_NOT_SET",
  PictureHidden: "PICTURE_HIDDEN",
  WhatsAppRateLimited: "WHATSAPP_RATE_LIMITED",
  WhatsAppError: "WHATSAPP_ERROR",
  WhatsAppTimeout: "WHATSAPP_TIMEOUT",
  DeviceNotReady: "DEVICE_NOT_READY",
  DeviceBusy: "DEVICE_BUSY",
  DeviceNotPaired: "DEVICE_NOT_PAIRED",
};
