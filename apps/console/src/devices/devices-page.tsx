import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { ErrorAlert } from "../components/error-alert.tsx";
import { LoadMoreButton } from "../components/load-more-button.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { DeviceCard } from "./device-card.tsx";

/** The caller's devices with their live states. */
export function DevicesPage() {
  const { devices } = useTexts();
  const { queries } = useSession();
  const list = useInfiniteQuery({
    ...queries.devices.list.infiniteQueryOptions({ limit: 50 }),
    refetchInterval: pollMs,
  });
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      title={devices.title}
      actions={
        <Link className="button primary" href="/devices/new">
          {devices.add}
        </Link>
      }
    >
      {!items && list.error && <ErrorAlert error={list.error} />}
      {!items && !list.error && <div className="card placeholder" aria-hidden="true" />}
      {items?.length === 0 && (
        <div className="empty">
          <p>{devices.none}</p>
          <p>{devices.noneHint}</p>
        </div>
      )}
      {items && items.length > 0 && (
        <ul className="cards">
          {items.map((device) => (
            <DeviceCard key={device.id} device={device} />
          ))}
        </ul>
      )}
      <LoadMoreButton pages={list} />
    </Page>
  );
}

/** Polling interval in milliseconds. */
const pollMs = 2_000;
