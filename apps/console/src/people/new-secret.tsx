import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useTexts } from "../texts/texts.tsx";

/** Shows a token, this once. */
export function NewSecret({ secret, onClose }: { readonly secret: string; onClose(): void }) {
  const { app, tokens } = useTexts();
  return (
    <Dialog title={tokens.theToken} onClose={onClose}>
      <p>{tokens.once}</p>
      <p className="secret">
        <output aria-label={tokens.theToken}>{secret}</output>
        <CopyButton text={secret} label={`${app.copy}: ${tokens.theToken}`} />
      </p>
      <div className="actions">
        <button type="button" className="primary" onClick={onClose}>
          {tokens.done}
        </button>
      </div>
    </Dialog>
  );
}
