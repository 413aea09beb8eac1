/** Takes the one-time token out of the address (`#token=…`), so that it stays neither in the history nor on screen. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
