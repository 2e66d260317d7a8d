// Which microphones there are, by the names that a browser tells once it may use one.

/** [{deviceId, label}], empty before the permission is given. */
async function microphones() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const allowed = all.filter(({ kind, label }) => kind === "audioinput" && label);
  return allowed.map(({ deviceId, label }) => ({ deviceId, label }));
}

function drawDevices(select, { devices, device }) {
  const main = devices.find(({ deviceId }) => deviceId === "default")?.label ?? "Default microphone";
  const others = devices.filter(({ deviceId }) => !["default", "communications"].includes(deviceId));
  const option = (value, label) => element("option", { value }, label);
  select.replaceChildren(option("", main), ...others.map((found) => option(found.deviceId, found.label)));
  select.value = device;
  if (select.selectedIndex < 0) select.value = "";
}
