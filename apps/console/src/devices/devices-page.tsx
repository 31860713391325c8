import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { More, pageByPage } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Problem } from "../parts/problem.tsx";
import { useSession } from "../session/session.tsx";
import { useTexts } from "../texts/texts.tsx";
import { DeviceCard } from "./device-card.tsx";

/** The caller's devices, as they are at this moment. */
export function DevicesPage() {
  const { devices } = useTexts();
  const { queries } = useSession();
  const list = useInfiniteQuery({
    ...queries.listDevicesInfiniteOptions({ query: { limit: 50 } }),
    ...pageByPage,
    refetchInterval: liveMs,
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
      {!items && list.error && <Problem error={list.error} />}
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
      <More pages={list} />
    </Page>
  );
}

/** After how long a state is asked for again, in milliseconds. */
const liveMs = 2_000;
