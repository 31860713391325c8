import type { Device } from "@wuts/client";
import { Field } from "../components/field.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";

interface ChooseDeviceProps {
  readonly devices: readonly Device[];
  readonly value: string;
  onChange(deviceId: string): void;
}

/** Selects a device; hidden if there is only one. */
export function ChooseDevice({ devices, value, onChange }: ChooseDeviceProps) {
  const { pictures, devices: texts } = useTexts();
  if (devices.length < 2) return null;
  return (
    <Field label={pictures.device}>
      {(input) => (
        <select {...input} value={value} onChange={({ target }) => onChange(target.value)}>
          {devices.map(({ id, name, phone_number, state }) => (
            <option key={id} value={id}>
              {`${name} · ${phone_number ? `+${phone_number}` : texts.notKnown} · ${texts.states[state]}`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
