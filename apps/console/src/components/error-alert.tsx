import { WutsError } from "@wuts/client";
import { useState } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useCountdown } from "../i18n/times.ts";
import { CopyButton } from "./copy-button.tsx";

/** Explains an error in the page's language, with the request id for support. */
export function ErrorAlert({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  const { app, problems } = useTexts();
  if (!(error instanceof WutsError))
    return (
      <div className="problem" role="alert">
        {app.broken}
      </div>
    );
  return (
    <div className="problem" role="alert">
      <p>{problems[error.code]}</p>
      {error.validation.map(({ field, message }) => (
        <p key={field} lang="en">
          <code>{field}</code> {message}
        </p>
      ))}
      {error.retryAfter !== undefined && error.retryAfter > 0 && (
        <Wait key={error.requestId} seconds={error.retryAfter} />
      )}
      <div className="problem-foot">
        {retry && isRetryable(error) && (
          <button type="button" onClick={retry}>
            {app.tryAgain}
          </button>
        )}
        {error.requestId && (
          <span className="request-id">
            {app.requestId} <code>{error.requestId}</code>
            <CopyButton text={error.requestId} label={app.copyRequestId} />
          </span>
        )}
      </div>
    </div>
  );
}

/** Whether a retry of the same call can succeed. A hidden picture stays hidden. */
function isRetryable({ status }: WutsError): boolean {
  return status < 400 || status === 429 || status >= 500;
}

function Wait({ seconds }: { readonly seconds: number }) {
  const { app } = useTexts();
  const [since] = useState(Date.now);
  const left = useCountdown(seconds, since);
  return left === 0 ? null : (
    <p>
      <span aria-live="off">{app.tryAgainIn(left)}</span>
    </p>
  );
}
