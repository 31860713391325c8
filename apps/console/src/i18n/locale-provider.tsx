import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en, type Texts } from "./en.ts";
import { pt } from "./pt.ts";

const languages = { en, pt } satisfies Record<string, Texts>;

export type Language = keyof typeof languages;

interface Spoken {
  readonly language: Language;
  readonly texts: Texts;
  speak(language: Language): void;
}

const Context = createContext<Spoken>({ language: "en", texts: en, speak() {} });

/** Has the page speak the language that was chosen last, else the browser's, else English. */
export function Speaking({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo(
    () => ({
      language,
      texts: languages[language],
      speak(language: Language) {
        localStorage.setItem(storageKey, language);
        setLanguage(language);
      },
    }),
    [language],
  );
  return <Context value={spoken}>{children}</Context>;
}

export function useTexts(): Texts {
  return useContext(Context).texts;
}

export function useLanguage(): Spoken {
  return useContext(Context);
}

/** What languages there are, by what they call themselves. */
export const languageNames: readonly (readonly [Language, string])[] = [
  ["en", en.language],
  ["pt", pt.language],
];

function firstLanguage(): Language {
  const wanted = [localStorage.getItem(storageKey) ?? "", ...navigator.languages];
  for (const tag of wanted) {
    const found = languageNames.find(([language]) => tag.toLowerCase().split("-")[0] === language);
    if (found) return found[0];
  }
  return "en";
}

const storageKey = "wuts.language";
