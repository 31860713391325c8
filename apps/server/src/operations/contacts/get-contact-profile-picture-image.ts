import type { Operation } from "../operation.ts";
import { isTrue } from "../values.ts";
import { pictureTarget } from "./picture-target.ts";

export const getContactProfilePictureImage: Operation<"getContactProfilePictureImage"> = async (
  { query, caller, signal, noCache },
  { devices },
) => {
  const target = pictureTarget(query);
  const { images } = await devices.readyForCaller(caller, query.device_id, signal);
  const size = isTrue(query.preview) ? "preview" : "image";
  return { status: 200, bytes: await images.find(target, { size, noCache }) };
};
