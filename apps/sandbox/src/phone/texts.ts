import type { Outcome } from "./linking.ts";

/** The texts of the phone in one language. Accounts are named by their number. */
export interface Texts {
  readonly language: string;
  readonly title: string;
  readonly simulated: string;
  readonly whose: string;
  readonly scanTitle: string;
  readonly scanHint: string;
  readonly scan: string;
  readonly codeTitle: string;
  readonly codeHint: string;
  readonly code: string;
  readonly link: string;
  readonly devices: string;
  readonly noDevices: string;
  readonly device: (id: number) => string;
  readonly outcomes: Readonly<Record<Outcome, (phone: string) => string>>;
}

export const texts: Readonly<Record<"en" | "pt", Texts>> = {
  en: {
    language: "en",
    title: "Linked devices",
    simulated: "A simulated phone of the sandbox",
    whose: "Whose phone",
    scanTitle: "Link a device",
    scanHint: "In the console, choose Add a device. When it shows a QR code, come back here.",
    scan: "Scan the QR code",
    codeTitle: "Link with a code instead",
    codeHint: "The eight letters and digits that the console shows for this phone's number.",
    code: "Code",
    link: "Link",
    devices: "Devices on this account",
    noDevices: "None yet.",
    device: (id) => `Device ${id}`,
    outcomes: {
      linked: () => "Linked. Look at the console.",
      noQrCode: () => "No QR code is on the screen. In the console choose Add a device.",
      qrCodeGone: () => "That QR code is no longer valid. When the console shows another one, scan again.",
      noCode: (phone) =>
        `The console shows no code for this phone. Ask for one there, for the number +${phone}.`,
      codeForAnother: (phone) =>
        `The code on the screen is for another phone. Choose that one above, or ask for a code for +${phone}.`,
      wrongCode: () => "That is not the code on the screen. Look at the console and type it again.",
      malformedCode: () => "A code has eight letters and digits, such as ABCD-1234.",
      passkey: () => "This account has to confirm the device with a passkey, so it was not linked.",
      notLinked: () => "The device went away before it was linked. Begin again in the console.",
      foreign: () => "This request came from another page and was rejected. Open the phone's page again.",
      unknownPhone: () => "There is no such phone here. Choose one of these.",
    },
  },
  pt: {
    language: "pt-BR",
    title: "Dispositivos conectados",
    simulated: "Um celular simulado do sandbox",
    whose: "De quem é o celular",
    scanTitle: "Conectar um dispositivo",
    scanHint: "No console, escolha Adicionar dispositivo. Quando ele mostrar um código QR, volte aqui.",
    scan: "Ler o código QR",
    codeTitle: "Conectar com um código",
    codeHint: "As oito letras e números que o console mostra para o número deste celular.",
    code: "Código",
    link: "Conectar",
    devices: "Dispositivos nesta conta",
    noDevices: "Nenhum ainda.",
    device: (id) => `Dispositivo ${id}`,
    outcomes: {
      linked: () => "Conectado. Veja o console.",
      noQrCode: () => "Não há código QR na tela. No console, escolha Adicionar dispositivo.",
      qrCodeGone: () => "Esse código QR não vale mais. Quando o console mostrar outro, leia de novo.",
      noCode: (phone) =>
        `O console não mostra nenhum código para este celular. Peça um lá, para o número +${phone}.`,
      codeForAnother: (phone) =>
        `O código na tela é para outro celular. Escolha esse acima, ou peça um código para +${phone}.`,
      wrongCode: () => "Não é o código que está na tela. Veja o console e digite de novo.",
      malformedCode: () => "Um código tem oito letras e números, como ABCD-1234.",
      passkey: () =>
        "Esta conta precisa confirmar o dispositivo com uma chave de acesso; ele não foi conectado.",
      notLinked: () => "O dispositivo saiu antes de ser conectado. Comece de novo no console.",
      foreign: () => "Isto veio de outra página, e nada foi feito. Abra o celular de novo.",
      unknownPhone: () => "Este celular não existe aqui. Escolha um destes.",
    },
  },
};
