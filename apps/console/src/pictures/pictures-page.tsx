import { useQuery } from "@tanstack/react-query";
import type { Device } from "@wuts/client";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Page } from "../components/page.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";

interface PicturesPageProps {
  /** Renders the look-up with the linked devices, connected ones first. */
  children(devices: readonly [Device, ...Device[]]): ReactNode;
}

/** The common frame of the two pages about pictures: their navigation, and the notice that a device is needed. */
export function PicturesPage({ children }: PicturesPageProps) {
  const { pictures } = useTexts();
  const { queries } = useSession();
  const list = useQuery({ ...queries.devices.list.queryOptions({ limit: 100 }), staleTime: 10_000 });
  const [first, ...others] = usable(list.data?.items ?? []);
  return (
    <Page
      title={pictures.title}
      actions={
        <nav className="switch" aria-label={pictures.title}>
          <Side href="/pictures/one">{pictures.one}</Side>
          <Side href="/pictures/many">{pictures.many}</Side>
        </nav>
      }
    >
      {list.error && !list.data && <ErrorAlert error={list.error} retry={() => void list.refetch()} />}
      {first && children([first, ...others])}
      {list.data && !first && (
        <div className="empty">
          <p>{pictures.noDevice}</p>
          <Link className="button primary" href="/devices/new">
            {pictures.addDevice}
          </Link>
        </div>
      )}
    </Page>
  );
}

function Side({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const [location] = useLocation();
  return (
    <Link href={href} aria-current={location.startsWith(href) ? "page" : undefined}>
      {children}
    </Link>
  );
}

/** @returns the linked devices, connected ones first */
function usable(devices: readonly Device[]): Device[] {
  const linked = devices.filter(({ jid }) => jid !== null);
  return [...linked.filter(({ connected }) => connected), ...linked.filter(({ connected }) => !connected)];
}
