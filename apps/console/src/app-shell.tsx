import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { useTexts } from "./i18n/locale-provider.tsx";
import { ChooseLanguage } from "./session/choose-language.tsx";
import { useSession } from "./session/session.tsx";

/** The frame of every page: navigation and account menu. */
export function AppShell({ children }: { readonly children: ReactNode }) {
  const { app, users } = useTexts();
  const { me, signOut } = useSession();
  const main = useRef<HTMLElement>(null);
  const account = useRef<HTMLDivElement>(null);
  const [location] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the location changes
  useEffect(() => account.current?.hidePopover(), [location]);
  const isAdmin = me.user.role === "admin";
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {app.skip}
      </button>
      <header>
        <span className="brand">
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>{app.name}</span>
        </span>
        <nav aria-label={app.menu}>
          <NavLink href="/devices">{app.devices}</NavLink>
          <NavLink href="/pictures">{app.pictures}</NavLink>
          {isAdmin && <NavLink href="/users">{app.users}</NavLink>}
          {isAdmin && <NavLink href="/audit">{app.audit}</NavLink>}
        </nav>
        <button type="button" className="account small" popoverTarget="account">
          {app.account}
        </button>
        <div id="account" className="account-menu" popover="auto" ref={account}>
          <p className="who">
            {me.user.email ?? users.roles[me.user.role]}
            <small>{me.tenant.name}</small>
          </p>
          <Link className="button small" href="/tokens">
            {app.yourTokens}
          </Link>
          <ChooseLanguage />
          <button type="button" className="small" onClick={signOut}>
            {app.signOut}
          </button>
        </div>
      </header>
      <main ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function NavLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const [location] = useLocation();
  const isHere = location === href || location.startsWith(`${href}/`);
  return (
    <Link href={href} aria-current={isHere ? "page" : undefined}>
      {children}
    </Link>
  );
}
