import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { openLinksAnew, signInByLink } from "./session/sign-in-link.ts";
import "./style.css";
import { Speaking } from "./texts/texts.tsx";

const root = document.querySelector("#root");
if (!root) throw new Error("the page has no root");
openLinksAnew();
createRoot(root).render(
  <StrictMode>
    <Speaking>
      <App link={signInByLink()} />
    </Speaking>
  </StrictMode>,
);
