import { useQuery } from "@tanstack/react-query";
import type { Device } from "@wuts/client";
import { useEffect, useState } from "react";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useCountdown } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";

/**
 * Shows the current QR code. WhatsApp replaces it every 20 to 60 seconds, six times. After the last one the device is unpaired,
 * and the user has to request more: a page that is left open must not pair for ever.
 */
export function PairWithQr({ device }: { readonly device: Device }) {
  const { pairing } = useTexts();
  const { queries } = useSession();
  const [hasWaited, setHasWaited] = useState(false);
  const isOver = hasWaited && device.state !== "pairing";
  const qr = useQuery({
    ...queries.session.generateQrCode.queryOptions({ device_id: device.id }),
    enabled: !isOver,
    gcTime: 0,
    refetchInterval: ({ state }) => {
      if (!state.data || state.error) return false;
      const left = state.data.expires_in * 1000 - (Date.now() - state.dataUpdatedAt);
      return Math.max(expiringMs / 2, Math.min(left - expiringMs, maxPollMs));
    },
  });
  useEffect(() => {
    if (device.state === "pairing") setHasWaited(true);
  }, [device.state]);
  const again = () => {
    setHasWaited(false);
    void qr.refetch();
  };
  return (
    <div className="qr">
      <div className="qr-frame">
        {qr.error ? (
          <ErrorAlert error={qr.error} retry={again} />
        ) : isOver ? (
          <div className="stage">
            <p>{pairing.expired}</p>
            <button type="button" className="primary" onClick={again}>
              {pairing.newCode}
            </button>
          </div>
        ) : qr.data ? (
          <Code image={qr.data.image} expiresIn={qr.data.expires_in} since={qr.dataUpdatedAt} />
        ) : (
          <p className="stage" role="status">
            {pairing.preparing}
          </p>
        )}
      </div>
      <ol>
        {pairing.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}

function Code({
  image,
  expiresIn,
  since,
}: {
  readonly image: string;
  readonly expiresIn: number;
  readonly since: number;
}) {
  const { pairing } = useTexts();
  const left = useCountdown(expiresIn, since);
  return (
    <>
      <img src={image} alt={pairing.qrAlt} width="264" height="264" />
      <p className="quiet" aria-live="off">
        {left > 0 ? pairing.validFor(left) : pairing.renewing}
      </p>
    </>
  );
}

/** Polling is faster when a code expires within this time. */
const expiringMs = 2_000;

/** The longest polling interval: a code can be replaced before it expires. */
const maxPollMs = 5_000;
