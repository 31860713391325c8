import type { Device } from "@wuts/client";
import { type SubmitEvent, useState } from "react";
import { Choice, Field } from "../components/field.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { ChooseDevice } from "./choose-device.tsx";
import type { PictureQuery } from "./code-samples.ts";
import { FoundPicture } from "./found-picture.tsx";
import { PicturesPage } from "./pictures-page.tsx";
import { targetParameters } from "./target-parameters.ts";

/** Looks up the picture of one contact or group. @param deviceId the device that is selected at first */
export function OnePicturePage({ deviceId }: { readonly deviceId: string | undefined }) {
  return <PicturesPage>{(devices) => <LookUp devices={devices} deviceId={deviceId} />}</PicturesPage>;
}

interface LookUpProps {
  readonly devices: readonly [Device, ...Device[]];
  readonly deviceId: string | undefined;
}

function LookUp({ devices, deviceId }: LookUpProps) {
  const { pictures } = useTexts();
  const [chosen, setChosen] = useState(deviceId);
  const device = devices.find(({ id }) => id === chosen) ?? devices[0];
  const [size, setSize] = useState<"preview" | "full">("preview");
  const [isMissing, setIsMissing] = useState(false);
  const [request, setRequest] = useState<{ readonly query: PictureQuery; readonly times: number }>();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const who = String(new FormData(event.currentTarget).get("who")).trim();
    setIsMissing(who === "");
    if (who === "") return;
    const query = { ...targetParameters(who), preview: size === "preview", device_id: device.id };
    setRequest((before) => ({ query, times: (before?.times ?? 0) + 1 }));
  };
  return (
    <div className="look-up">
      <form className="card" onSubmit={submit} noValidate>
        <ChooseDevice devices={devices} value={device.id} onChange={setChosen} />
        <Field
          label={pictures.who}
          hint={pictures.whoHint}
          problem={isMissing ? pictures.whoMissing : undefined}
        >
          {(input) => <input {...input} name="who" autoComplete="off" spellCheck={false} required />}
        </Field>
        <Choice
          legend={pictures.size}
          value={size}
          onChange={setSize}
          options={[
            { value: "preview", label: pictures.preview },
            { value: "full", label: pictures.full },
          ]}
        />
        <button type="submit" className="primary">
          {pictures.find}
        </button>
      </form>
      {request ? (
        <FoundPicture key={request.times} query={request.query} />
      ) : (
        <div className="card result">
          <div className="picture-frame">{pictures.noImage}</div>
        </div>
      )}
    </div>
  );
}
