/** @returns the response body of a success, whether it is sent, kept to be sent again, or a line of NDJSON */
export function successEnvelope<Data>(data: Data) {
  return { success: true, data } as const;
}
