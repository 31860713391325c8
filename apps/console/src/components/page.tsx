import { type ReactNode, useEffect, useRef } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";

interface PageProps {
  readonly title: string;
  /** Shown beside the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page. Its title becomes the window's title, and gets the focus on navigation. */
export function Page({ title, actions, children }: PageProps) {
  const { app } = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${app.name}`;
  }, [title, app.name]);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <>
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions}
      </div>
      {children}
    </>
  );
}
