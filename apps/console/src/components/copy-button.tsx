import { useState } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";

/** Copies a text and confirms it. @param label the accessible name, which says what is copied */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { app } = useTexts();
  const [outcome, setOutcome] = useState<"copied" | "failed">();
  const copy = async () => {
    try {
      // `navigator.clipboard` is missing on a page from another machine over plain HTTP.
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  };
  const said = outcome && (outcome === "copied" ? app.copied : app.copyFailed);
  return (
    <span className="copy">
      <button type="button" className="small" aria-label={label} onClick={() => void copy()}>
        {outcome === "copied" ? app.copied : app.copy}
      </button>
      <span role="status" className={outcome === "failed" ? "copy-failed" : "visually-hidden"}>
        {said}
      </span>
    </span>
  );
}
