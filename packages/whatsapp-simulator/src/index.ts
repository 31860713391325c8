export type { CdnFaults, CdnMatcher } from "./cdn/cdn-faults.ts";
export type { AnsweredCdnRequest, CdnKind, CdnRequest, CdnRequests } from "./cdn/cdn-requests.ts";
export type { Clock } from "./cdn/clock.ts";
export type { MediaDispatcher } from "./cdn/media-dispatcher.ts";
export { APP_STATE_FAULTS, type AppStateFault } from "./faults/app-state-faults.ts";
export { asksAbout } from "./faults/asks-about.ts";
export type { CloseKind } from "./faults/close-kinds.ts";
export type {
  Faults,
  InitialSyncPart,
  LoginRefusal,
  PictureNotificationName,
  Undo,
  UserAnswer,
} from "./faults/faults.ts";
export type { FrameKind } from "./faults/frame-kinds.ts";
export type { AccountDescription } from "./model/accounts/account-description.ts";
export type { BusinessDay, BusinessDescription } from "./model/accounts/business.ts";
export type { Addressing } from "./model/accounts/device-list.ts";
export type {
  ChatDescription,
  ChatMessage,
  HistoryDescription,
} from "./model/accounts/history-description.ts";
export type { ReceivedMessage } from "./model/accounts/inbox.ts";
export type { LinkedDevice } from "./model/accounts/linked-device.ts";
export { COLLECTIONS, type CollectionName } from "./model/app-state/collection.ts";
export type { Contact, ContactDescription } from "./model/app-state/contacts.ts";
export type { DeviceEvent, SimulatorEventMap, SimulatorEvents } from "./model/events.ts";
export type { Group, GroupDescription } from "./model/group.ts";
export { SimulatorStopped, WaitTimeout } from "./model/lifetime.ts";
export { PICTURE_BEHAVIOURS, type PictureBehaviour, type PictureDescription } from "./model/picture.ts";
export { type SilentLogger, silentLogger } from "./model/signal/silent-logger.ts";
export type { Account, MessageTarget, VoteAddressing } from "./phone/account.ts";
export { QrCodeRejected } from "./phone/qr-text.ts";
export { PairingCodeRejected } from "./server/pairing/code.ts";
export { PasskeyRequired } from "./server/pairing/passkey-request.ts";
export { type Cdn, type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
export type {
  SavedAccount,
  SavedDevice,
  SavedKeyPair,
  SavedPhoneKeys,
  SavedPreKey,
  SimulatorState,
} from "./snapshot.ts";
export type { ConnectionInfo, HandshakeStep, Latency } from "./wire/connection-info.ts";
export { ClientNotSupported, ProtocolError } from "./wire/protocol-error.ts";
export type { StanzaCounts } from "./wire/stanza-counts.ts";
export { type StanzaMatcher, stanzaKinds } from "./wire/stanza-matcher.ts";
