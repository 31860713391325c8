import { useState } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";

/** Copies a text, and says so. @param label what it copies, for whom the place of the button does not say it */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { app } = useTexts();
  const [outcome, setOutcome] = useState<"copied" | "failed">();
  const copy = async () => {
    try {
      // Not there on a page that came over plain HTTP from another machine.
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
