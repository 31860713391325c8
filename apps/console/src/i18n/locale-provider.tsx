import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en, type Texts } from "./en.ts";
import { pt } from "./pt.ts";

const languages = { en, pt } satisfies Record<string, Texts>;

export type Language = keyof typeof languages;

interface Locale {
  readonly language: Language;
  readonly texts: Texts;
  chooseLanguage(language: Language): void;
}

const Context = createContext<Locale>({ language: "en", texts: en, chooseLanguage() {} });

/** Provides the texts in the language that the user chose last, else the browser's language, else English. */
export function LocaleProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const locale = useMemo(
    () => ({
      language,
      texts: languages[language],
      chooseLanguage(language: Language) {
        localStorage.setItem(storageKey, language);
        setLanguage(language);
      },
    }),
    [language],
  );
  return <Context value={locale}>{children}</Context>;
}

export function useTexts(): Texts {
  return useContext(Context).texts;
}

export function useLanguage(): Locale {
  return useContext(Context);
}

/** The languages with their own names. */
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
