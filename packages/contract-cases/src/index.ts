export type { Accounts } from "./accounts.ts";
export { accountWithPicture, groupJid, jidOf } from "./accounts.ts";
export {
  askForPasskey,
  ban,
  deleteDevicesAfterwards,
  disconnect,
  makeDevice,
  makeDeviceElsewhere,
  makeTwoDevices,
  otherPhone,
  pairDevice,
  untilState,
} from "./arrange/devices.ts";
export { exhaustAddress, exhaustSignIns, exhaustToken, fill } from "./arrange/limits.ts";
export { whileWaiting, withNewDevice, withPasskey } from "./arrange/pairing.ts";
export { keepGroupPicture, keepOwnPicture } from "./arrange/pictures.ts";
export { askAsManager, makeTenant, makeUser, makeUserOf, type Person } from "./arrange/users.ts";
export { askWithoutAnswer, crowd, occupy, untilContacts, untilItStops } from "./arrange/whatsapp.ts";
export {
  type Case,
  type ContractCases,
  contractCases,
  type Details,
  type Given,
  type RawRequest,
  type Undo,
} from "./case.ts";
export { requestLike, unknownId, validRequest } from "./requests.ts";
export {
  pairingsOfFull,
  requestsOfLimited,
  roomOfCrowded,
  type World,
  type WorldName,
  worldNames,
} from "./world.ts";
