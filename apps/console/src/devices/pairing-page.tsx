import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Device } from "@wuts/client";
import { Link, useLocation } from "wouter";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Choice } from "../components/field.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { PairWithCode } from "./pair-with-code.tsx";
import { PairWithQr } from "./pair-with-qr.tsx";
import { StateBadge } from "./state-badge.tsx";

export type PairingMethod = "qr" | "code";

/** Links a phone to a device, and waits until the device is connected. */
export function PairingPage({
  deviceId,
  method,
}: {
  readonly deviceId: string;
  readonly method: PairingMethod;
}) {
  const { app, pairing } = useTexts();
  const { queries } = useSession();
  const device = useQuery({
    ...queries.devices.get.queryOptions({ device_id: deviceId }),
    refetchInterval: ({ state }) => (state.data?.connected || state.error ? false : watchMs),
  });
  if (!device.data) {
    return (
      <Page title={pairing.titleNew}>
        {device.error ? (
          <ErrorAlert error={device.error} retry={() => void device.refetch()} />
        ) : (
          <p>{app.loading}</p>
        )}
      </Page>
    );
  }
  return (
    <Page title={pairing.title(device.data.name)} actions={<StateBadge state={device.data.state} />}>
      <div className="card pairing">
        <Stage device={device.data} method={method} />
      </div>
    </Page>
  );
}

interface Pairing {
  readonly device: Device;
  readonly method: PairingMethod;
}

function Stage({ device, method }: Pairing) {
  const { pairing } = useTexts();
  switch (device.state) {
    case "connected":
      return <Linked device={device} />;
    case "connecting":
    case "reconnecting":
      return (
        <p className="stage" role="status">
          {pairing.linking}
        </p>
      );
    case "disconnected":
    case "replaced":
    case "banned":
      return (
        <div className="stage">
          <p>{pairing.alreadyLinked(device.name)}</p>
          <Link className="button" href="/devices">
            {pairing.toDevices}
          </Link>
        </div>
      );
    case "unpaired":
    case "pairing":
    case "logged_out":
      return <PairingCodes device={device} method={method} />;
  }
}

/** The pairing codes, or the passkey notice: after WhatsApp's request for a passkey no code works until the user tries again. */
function PairingCodes({ device, method }: Pairing) {
  const { app, pairing } = useTexts();
  const { queries } = useSession();
  const [, navigate] = useLocation();
  const status = useQuery({
    ...queries.session.checkStatus.queryOptions({ device_id: device.id }),
    refetchInterval: watchMs,
  });
  if (!status.data) {
    if (status.error) return <ErrorAlert error={status.error} retry={() => void status.refetch()} />;
    return <p>{app.loading}</p>;
  }
  return (
    <>
      {status.data.passkey_required ? (
        <Passkey device={device} tried={() => void status.refetch()} />
      ) : (
        <>
          <Choice
            legend={pairing.how}
            value={method}
            onChange={(chosen) => navigate(`/devices/${device.id}/pair/${chosen}`, { replace: true })}
            options={[
              { value: "qr", label: pairing.qr },
              { value: "code", label: pairing.code },
            ]}
          />
          {method === "qr" ? <PairWithQr device={device} /> : <PairWithCode device={device} />}
        </>
      )}
      <div className="actions">
        <SandboxPhone />
        <button type="button" onClick={() => navigate("/devices")}>
          {pairing.toDevices}
        </button>
      </div>
    </>
  );
}

function Passkey({ device, tried }: { readonly device: Device; tried(): void }) {
  const { pairing } = useTexts();
  const { queries } = useSession();
  const client = useQueryClient();
  const which = { device_id: device.id, refresh: true };
  const again = useMutation({
    mutationFn: () =>
      client.fetchQuery({ ...queries.session.generateQrCode.queryOptions(which), staleTime: 0 }),
    onSettled: tried,
  });
  return (
    <div className="stage" role="status">
      <h2>{pairing.passkeyTitle}</h2>
      {pairing.passkey.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {again.error && <ErrorAlert error={again.error} />}
      <button type="button" className="primary" disabled={again.isPending} onClick={() => again.mutate()}>
        {pairing.tryAgain}
      </button>
    </div>
  );
}

function Linked({ device }: { readonly device: Device }) {
  const { pairing, devices } = useTexts();
  return (
    <div className="stage linked" role="status">
      <span className="tick" aria-hidden="true">
        ✓
      </span>
      <p className="big">{pairing.linked(device.name)}</p>
      {device.phone_number && <p>+{device.phone_number}</p>}
      <p className="quiet">{pairing.linkedHint}</p>
      <div className="actions">
        <Link className="button primary" href={`/pictures/one/${device.id}`}>
          {devices.lookUp}
        </Link>
        <Link className="button" href="/devices">
          {pairing.toDevices}
        </Link>
      </div>
    </div>
  );
}

/** The link to the simulated phone, in the sandbox. */
function SandboxPhone() {
  const { pairing } = useTexts();
  const url = document.querySelector<HTMLMetaElement>('meta[name="wuts-phone"]')?.content;
  if (!url) return null;
  return (
    <a className="button primary" href={url} target="_blank" rel="noopener noreferrer">
      {pairing.sandboxPhone}
    </a>
  );
}

const watchMs = 1_000;
