import { useId } from "react";
import { languageNames, useLanguage } from "../i18n/locale-provider.tsx";

export function ChooseLanguage() {
  const { language, texts, chooseLanguage } = useLanguage();
  const id = useId();
  return (
    <div className="language">
      <label className="visually-hidden" htmlFor={id}>
        {texts.app.chooseLanguage}
      </label>
      <select
        id={id}
        value={language}
        onChange={({ target }) => {
          const chosen = languageNames.find(([language]) => language === target.value);
          if (chosen) chooseLanguage(chosen[0]);
        }}
      >
        {languageNames.map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
