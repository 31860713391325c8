import { useMutation } from "@tanstack/react-query";
import type { Device, PairCode } from "@wuts/client";
import { type SubmitEvent, useState } from "react";
import { CopyButton } from "../components/copy-button.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Field } from "../components/field.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useCountdown } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";

/** Requests a pairing code for a phone number and shows it. */
export function PairWithCode({ device }: { readonly device: Device }) {
  const { pairing } = useTexts();
  const { queries } = useSession();
  const [isMissing, setIsMissing] = useState(false);
  const [since, setSince] = useState(0);
  const code = useMutation({
    ...queries.session.generatePairCode.mutationOptions(),
    onSuccess: () => setSince(Date.now()),
  });
  const which = { device_id: device.id };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const number = String(new FormData(event.currentTarget).get("number")).trim();
    setIsMissing(number === "");
    if (number !== "") code.mutate({ ...which, number });
  };
  return (
    <div className="code">
      {code.data ? (
        <Code
          code={code.data}
          since={since}
          isPending={code.isPending}
          renew={() => code.mutate({ ...which, number: code.data.phone_number })}
        />
      ) : (
        <form onSubmit={submit} noValidate>
          <Field
            label={pairing.phone}
            hint={pairing.phoneHint}
            problem={isMissing ? pairing.phoneMissing : undefined}
          >
            {(input) => <input {...input} name="number" type="tel" autoComplete="off" required />}
          </Field>
          <button type="submit" className="primary" disabled={code.isPending}>
            {pairing.getCode}
          </button>
        </form>
      )}
      {code.isPending && <p role="status">{pairing.preparing}</p>}
      {code.error && <ErrorAlert error={code.error} />}
      <ol>
        {pairing.codeSteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}

interface CodeProps {
  readonly code: PairCode;
  readonly since: number;
  readonly isPending: boolean;
  renew(): void;
}

function Code({ code, since, isPending, renew }: CodeProps) {
  const { app, pairing } = useTexts();
  const left = useCountdown(code.expires_in, since);
  if (left === 0) {
    return (
      <div className="stage">
        <p>{pairing.expired}</p>
        <button type="button" className="primary" disabled={isPending} onClick={renew}>
          {pairing.newCode}
        </button>
      </div>
    );
  }
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <div className="stage" role="status">
      <p id="pairing-code-label">{pairing.yourCode}</p>
      <output className="pair-code" aria-labelledby="pairing-code-label">
        {code.code}
      </output>
      <CopyButton text={code.code} label={`${app.copy}: ${pairing.yourCode}`} />
      <p className="quiet" aria-live="off">
        {pairing.expiresIn(time)}
      </p>
    </div>
  );
}
