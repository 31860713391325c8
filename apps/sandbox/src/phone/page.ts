import type { AccountDescription, LinkedDevice } from "@wuts/whatsapp-simulator";
import type { Outcome } from "./linking.ts";
import type { Texts } from "./texts.ts";

export interface PhonePageProps {
  readonly texts: Texts;
  /** The accounts to choose from. */
  readonly owners: readonly AccountDescription[];
  /** The account of this phone. */
  readonly owner: AccountDescription;
  readonly devices: readonly LinkedDevice[];
  readonly outcome?: Outcome | undefined;
  /** The code that was entered and rejected. */
  readonly code?: string;
}

/** Renders the phone's screen: one page without scripts, whose buttons submit forms. */
export function phonePage({ texts, owners, owner, devices, outcome, code = "" }: PhonePageProps): string {
  const { phone } = owner;
  const isAboutCode = outcome === "wrongCode" || outcome === "malformedCode";
  return html`<!doctype html>
<html lang="${texts.language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${texts.title} · ${nameOf(owner)}</title>
    <link rel="icon" href="icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <header>
      <p>${texts.simulated}</p>
      <h1>${texts.title}</h1>
      <p>${nameOf(owner)}, +${phone}</p>
    </header>
    <main>
      ${outcome ? outcomeMessage(outcome, texts.outcomes[outcome](phone)) : nothing}
      <nav aria-label="${texts.whose}">
        <h2>${texts.whose}</h2>
        <ul>${owners.map((each) => choiceOf(each, each === owner))}</ul>
      </nav>
      <section>
        <h2>${texts.scanTitle}</h2>
        <p>${texts.scanHint}</p>
        <form method="post" action="scan">
          <input type="hidden" name="phone" value="${phone}">
          <button class="primary">${texts.scan}</button>
        </form>
      </section>
      <section>
        <h2>${texts.codeTitle}</h2>
        <p id="code-hint">${texts.codeHint}</p>
        <form method="post" action="code">
          <input type="hidden" name="phone" value="${phone}">
          <label for="code">${texts.code}</label>
          <div class="field">
            <input id="code" name="code" value="${code}" required maxlength="12" autocomplete="off" autocapitalize="characters" spellcheck="false"
              aria-describedby="code-hint${isAboutCode ? " outcome" : ""}" aria-invalid="${String(isAboutCode)}">
            <button>${texts.link}</button>
          </div>
        </form>
      </section>
      <section>
        <h2>${texts.devices}</h2>
        ${
          devices.length === 0
            ? html`<p>${texts.noDevices}</p>`
            : html`<ul>${devices.map(({ id }) => html`<li>${texts.device(id)}</li>`)}</ul>`
        }
      </section>
    </main>
  </body>
</html>
`.text;
}

function outcomeMessage(outcome: Outcome, text: string): Html {
  return outcome === "linked"
    ? html`<p id="outcome" class="good" role="status">${text}</p>`
    : html`<p id="outcome" class="bad" role="alert">${text}</p>`;
}

function choiceOf(account: AccountDescription, isChosen: boolean): Html {
  const text = html`<b>${nameOf(account)}</b> <span>+${account.phone}</span>`;
  return isChosen
    ? html`<li><a href="?phone=${account.phone}" aria-current="true">${text}</a></li>`
    : html`<li><a href="?phone=${account.phone}">${text}</a></li>`;
}

function nameOf({ name = "", phone }: AccountDescription): string {
  return name || phone;
}

/** Escaped HTML. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const nothing = new Html("");

type Part = string | Html | readonly Html[];

/** A template tag that escapes the texts in it. */
function html(written: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(String.raw({ raw: written }, ...parts.map(textOf)));
}

function textOf(part: Part): string {
  if (typeof part === "string") return part.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return part instanceof Html ? part.text : part.map(({ text }) => text).join("");
}
