/** The base URL of the server that served this page, including a proxy's path. */
export const baseUrl = new URL("..", `${location.origin}${location.pathname}`).href.replace(/\/$/, "");
