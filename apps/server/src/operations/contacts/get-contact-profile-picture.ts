import type { Operation } from "../operation.ts";
import { isTrue } from "../values.ts";
import { pictureTarget } from "./picture-target.ts";

export const getContactProfilePicture: Operation<"getContactProfilePicture"> = async (
  { query, caller, signal, noCache },
  { devices },
) => {
  const target = pictureTarget(query);
  const { pictures } = await devices.readyForCaller(caller, query.device_id, signal);
  const size = isTrue(query.preview) ? "preview" : "image";
  const data = await pictures.find(target, { size, knownId: query.existing_id, noCache });
  return { status: 200, data };
};
