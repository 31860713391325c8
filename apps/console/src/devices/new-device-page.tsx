import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { useLocation } from "wouter";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Choice, Field } from "../components/field.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import type { PairingMethod } from "./pairing-page.tsx";

/** Asks for a name and a pairing method, creates the device, and opens its pairing page. */
export function NewDevicePage() {
  const { app, pairing } = useTexts();
  const { queries } = useSession();
  const [, navigate] = useLocation();
  const [method, setMethod] = useState<PairingMethod>("qr");
  const [isMissing, setIsMissing] = useState(false);
  const create = useMutation({
    ...queries.devices.create.mutationOptions(),
    onSuccess: ({ id }) => navigate(`/devices/${id}/pair/${method}`, { replace: true }),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    setIsMissing(name === "");
    if (name !== "") create.mutate({ name });
  };
  return (
    <Page title={pairing.titleNew}>
      <form className="card narrow" onSubmit={submit} noValidate>
        <Field
          label={pairing.name}
          hint={pairing.nameHint}
          problem={isMissing ? pairing.nameMissing : undefined}
        >
          {(input) => <input {...input} name="name" maxLength={100} autoComplete="off" required />}
        </Field>
        <Choice
          legend={pairing.how}
          value={method}
          onChange={setMethod}
          options={[
            { value: "qr", label: pairing.qr, hint: pairing.qrHint },
            { value: "code", label: pairing.code, hint: pairing.codeHint },
          ]}
        />
        {create.error && <ErrorAlert error={create.error} />}
        <div className="actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            {pairing.next}
          </button>
          <button type="button" onClick={() => navigate("/devices")}>
            {app.cancel}
          </button>
        </div>
      </form>
    </Page>
  );
}
