import type { Operation } from "../operation.ts";
import { isTrue } from "../values.ts";
import { pictureTarget } from "./picture-target.ts";

export const getContactProfilePictureImage: Operation<"getContactProfilePictureImage"> = async (
  { query, caller },
  { devices },
) => {
  const target = pictureTarget(query);
  const { images } = await devices.forCaller(caller, query.device_id);
  return { status: 200, bytes: await images.find(target, isTrue(query.preview) ? "preview" : "image") };
};
