import { useQuery } from "@tanstack/react-query";
import type { Device } from "@wuts/client";
import { Link, useLocation } from "wouter";
import { Choice } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { Problem } from "../parts/problem.tsx";
import { useSession } from "../session/session.tsx";
import { useTexts } from "../texts/texts.tsx";
import { PairWithCode } from "./pair-with-code.tsx";
import { PairWithQr } from "./pair-with-qr.tsx";
import { StateBadge } from "./state-badge.tsx";

export type PairingMethod = "qr" | "code";

/** Links a phone to a device, and sees it become connected. */
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
    ...queries.getDeviceOptions({ path: { device_id: deviceId } }),
    refetchInterval: ({ state }) => (state.data?.connected || state.error ? false : watchMs),
  });
  if (!device.data) {
    return (
      <Page title={pairing.titleNew}>
        {device.error ? (
          <Problem error={device.error} retry={() => void device.refetch()} />
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

function Stage({ device, method }: { readonly device: Device; readonly method: PairingMethod }) {
  const { pairing } = useTexts();
  const [, navigate] = useLocation();
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
      return (
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
          <div className="actions">
            <SandboxPhone />
            <button type="button" onClick={() => navigate("/devices")}>
              {pairing.toDevices}
            </button>
          </div>
        </>
      );
  }
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

/** Where the phone is a simulated one, the way to it. */
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
