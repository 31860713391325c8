import { owner } from "@wuts/sandbox";
import { disconnect, makeDevice, otherPhone, pairDevice, untilState } from "../arrangements.ts";
import { type Case, produces } from "../case.ts";

/** What a client sends to get a pairing code, as the simulator names stanzas. */
const pairingCodeStanza = "iq md set/link_code_companion_reg";
