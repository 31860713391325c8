/**
 * Where WhatsApp's multi-device WebSocket is, and the page that it expects to be opened from. Baileys has the same in
 * `DEFAULT_CONNECTION_CONFIG.waWebSocketUrl` and `DEFAULT_ORIGIN`, but takes half a second to load.
 */
export const whatsAppUrl = "wss://web.whatsapp.com/ws/chat";
export const whatsAppOrigin = "https://web.whatsapp.com";
