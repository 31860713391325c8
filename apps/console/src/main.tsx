import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { SignInLinks } from "./session/sign-in-links.ts";
import "./style.css";
import { LocaleProvider } from "./i18n/locale-provider.tsx";

const root = document.querySelector("#root");
if (!root) throw new Error("the page has no root");
const links = new SignInLinks();
createRoot(root).render(
  <StrictMode>
    <LocaleProvider>
      <App links={links} />
    </LocaleProvider>
  </StrictMode>,
);
