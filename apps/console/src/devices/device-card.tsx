import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Device } from "@wuts/client";
import { useState } from "react";
import { Link } from "wouter";
import { Confirmation } from "../components/dialog.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";
import { actionsFor } from "./actions.ts";
import { StateBadge } from "./state-badge.tsx";

/** A device with its state and its actions. */
export function DeviceCard({ device }: { readonly device: Device }) {
  const { devices } = useTexts();
  const { ago } = useTimes();
  return (
    <li className="card device">
      <div className="card-head">
        <h2>{device.name}</h2>
        <StateBadge state={device.state} />
      </div>
      <dl className="facts">
        <div>
          <dt>{devices.phone}</dt>
          <dd>{device.phone_number ? `+${device.phone_number}` : devices.notKnown}</dd>
        </div>
        <div>
          <dt>{devices.activity}</dt>
          <dd>{device.last_activity_at ? ago(device.last_activity_at) : devices.never}</dd>
        </div>
      </dl>
      {device.state !== "connected" && device.state !== "pairing" && <DisconnectReason device={device} />}
      <DeviceActions device={device} />
    </li>
  );
}

function DisconnectReason({ device }: { readonly device: Device }) {
  const { devices } = useTexts();
  const { ago, at } = useTimes();
  const { queries } = useSession();
  const status = useQuery({
    ...queries.session.checkStatus.queryOptions({ device_id: device.id }),
    refetchInterval: 5_000,
  });
  const last = status.data?.last_disconnect;
  const until = device.state === "banned" ? status.data?.banned_until : null;
  // The line has its height before the status is loaded, so that nothing below it moves.
  return (
    <p className="reason">
      {last ? devices.reasons[last.reason] : "\u00a0"} {last && <span className="quiet">{ago(last.at)}</span>}
      {until && ` ${devices.bannedUntil(at(until))}`}
    </p>
  );
}

function DeviceActions({ device }: { readonly device: Device }) {
  const { devices } = useTexts();
  const { queries } = useSession();
  const client = useQueryClient();
  const [confirming, setConfirming] = useState<"disconnect" | "logout" | "remove">();
  const changed = {
    onSuccess() {
      setConfirming(undefined);
      return client.invalidateQueries({ queryKey: queries.devices.list.queryKey() });
    },
  };
  const connect = useMutation({ ...queries.session.connect.mutationOptions(), ...changed });
  const disconnect = useMutation({ ...queries.session.disconnect.mutationOptions(), ...changed });
  const logout = useMutation({ ...queries.session.logout.mutationOptions(), ...changed });
  const remove = useMutation({ ...queries.devices.delete.mutationOptions(), ...changed });
  const which = { device_id: device.id };
  const offered = actionsFor(device.state);
  const cancel = () => setConfirming(undefined);
  return (
    <>
      {connect.error && <ErrorAlert error={connect.error} />}
      {logout.data?.unlinked === false && device.state === "logged_out" && (
        <p className="notice">{devices.stillLinked(device.name)}</p>
      )}
      <fieldset className="actions" aria-label={devices.actionsOf(device.name)}>
        {offered.has("lookUp") && (
          <Link className="button" href={`/pictures/one/${device.id}`}>
            {devices.lookUp}
          </Link>
        )}
        {offered.has("pair") && (
          <Link className="button primary" href={`/devices/${device.id}/pair/qr`}>
            {devices.pair}
          </Link>
        )}
        {offered.has("connect") && (
          <button type="button" disabled={connect.isPending} onClick={() => connect.mutate(which)}>
            {devices.connect}
          </button>
        )}
        {offered.has("disconnect") && (
          <button type="button" onClick={() => setConfirming("disconnect")}>
            {devices.disconnect}
          </button>
        )}
        {offered.has("logout") && (
          <button type="button" onClick={() => setConfirming("logout")}>
            {devices.logout}
          </button>
        )}
        <button type="button" className="quiet-danger" onClick={() => setConfirming("remove")}>
          {devices.remove}
        </button>
      </fieldset>
      {confirming === "disconnect" && (
        <Confirmation
          title={devices.confirmDisconnect(device.name)}
          about={devices.aboutDisconnect}
          confirm={devices.disconnect}
          mutation={disconnect}
          onConfirm={() => disconnect.mutate(which)}
          onCancel={cancel}
        />
      )}
      {confirming === "logout" && (
        <Confirmation
          title={devices.confirmLogout(device.name)}
          about={devices.aboutLogout}
          confirm={devices.logout}
          mutation={logout}
          onConfirm={() => logout.mutate(which)}
          onCancel={cancel}
        />
      )}
      {confirming === "remove" && (
        <Confirmation
          title={devices.confirmRemove(device.name)}
          about={devices.aboutRemove}
          confirm={devices.remove}
          mutation={remove}
          onConfirm={() => remove.mutate(which)}
          onCancel={cancel}
        />
      )}
    </>
  );
}
