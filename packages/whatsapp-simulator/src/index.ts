export { APP_STATE_FAULTS, type AppStateFault } from "./app-state/bad-answers.ts";
export { COLLECTIONS, type CollectionName } from "./app-state/collection.ts";
export type { CdnFaults, CdnMatcher } from "./cdn/cdn-faults.ts";
export type { AnsweredCdnRequest, CdnKind, CdnRequest, CdnRequests } from "./cdn/cdn-requests.ts";
export type { MediaDispatcher } from "./cdn/media-dispatcher.ts";
export type { Clock } from "./clock.ts";
export type { CloseKind } from "./close-kinds.ts";
export type { ConnectionInfo, HandshakeStep, Latency } from "./connection-info.ts";
export type { DeviceEvent, SimulatorEventMap, SimulatorEvents } from "./events.ts";
export type { Faults, LoginRefusal, PictureNewsName, Undo, UserAnswer, Welcome } from "./faults.ts";
export type { FrameKind } from "./frame-kinds.ts";
export { SimulatorStopped, WaitTimeout } from "./lifetime.ts";
export type { ChatDescription, ChatMessage, HistoryDescription } from "./messages/history-description.ts";
export { PairingCodeRejected } from "./pairing/code.ts";
export { PasskeyRequired } from "./pairing/passkey-request.ts";
export { QrCodeRejected } from "./pairing/qr-text.ts";
export type { Account, AccountDescription } from "./people/account.ts";
export type { BusinessDay, BusinessDescription } from "./people/business.ts";
export type { Contact, ContactDescription } from "./people/contacts.ts";
export type { Addressing } from "./people/device-list.ts";
export type { Group, GroupDescription } from "./people/group.ts";
export type { ReceivedMessage } from "./people/inbox.ts";
export type { LinkedDevice } from "./people/linked-device.ts";
export { PICTURE_BEHAVIOURS, type PictureBehaviour, type PictureDescription } from "./pictures/picture.ts";
export { ClientNotSupported, ProtocolError } from "./protocol-error.ts";
export { type SilentLogger, silentLogger } from "./silent-logger.ts";
export { type Cdn, type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
export type {
  SavedAccount,
  SavedDevice,
  SavedKeyPair,
  SavedPhoneKeys,
  SavedPreKey,
  SimulatorState,
} from "./snapshot.ts";
export type { StanzaCounts } from "./stanza-counts.ts";
export { type StanzaMatcher, stanzaKinds } from "./stanza-kinds.ts";
export { asksAbout } from "./stanzas/asks-about.ts";
