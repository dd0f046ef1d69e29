// Talks to the server. The token of this run stands in the address's fragment, which no request carries.

const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
const here = new URL("./", document.baseURI.split("#")[0]);

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, { method = "GET", json, body, headers = {}, signal, keepalive = false } = {}) {
  const sent = { "X-Ptk-Token": token, ...headers };
  if (json !== undefined) {
    sent["Content-Type"] = "application/json";
    body = JSON.stringify(json);
  }
  let answer;
  try {
    answer = await fetch(new URL(path, here), { method, body, headers: sent, signal, keepalive });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "the studio does not answer; is ptk studio still running?");
  }
  if (answer.ok) return answer;
  let said = `the studio answered ${answer.status}`;
  try {
    said = (await answer.json()).error ?? said;
  } catch {
    /* no JSON: the status has to do */
  }
  throw new Refused(answer.status, said);
}

const named = (file, from) => ({
  "X-Ptk-Name": encodeURIComponent(file.name ?? "photo"),
  "X-Ptk-From": from ?? "",
  "Content-Type": "application/octet-stream",
});

export const getControls = async () => (await call("api/controls")).json();
export const openPhoto = async (file, from) =>
  (await call("api/photos", { method: "POST", body: file, headers: named(file, from) })).json();
export const getSample = async (name) => (await call(`api/samples/${name}`)).blob();
export const openGiven = async (from) =>
  (await call("api/given", { method: "POST", headers: { "X-Ptk-From": from ?? "" } })).json();
export const openSample = async (name) => (await call(`api/samples/${name}`, { method: "POST" })).json();
export const readExpression = async (file) =>
  (await call("api/expressions", { method: "POST", body: file, headers: named(file) })).json();
export const getPicture = async (id, side) => (await call(`api/photos/${id}/picture?side=${side}&developed=1`)).blob();
export const forget = (id) => call(`api/photos/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
export const ask = async (id, what, json) => (await call(`api/photos/${id}/${what}`, { method: "POST", json })).json();

// What was rendered, as soon as that is done: its picture, a promise, may still be on its way.
export async function render(id, wish, signal) {
  const answer = await call(`api/photos/${id}/render`, { method: "POST", json: wish, signal });
  return { bitmap: answer.blob().then(createImageBitmap), ...JSON.parse(answer.headers.get("X-Ptk-Meta")) };
}

export async function download(id, what, json) {
  const answer = await call(`api/photos/${id}/${what}`, { method: "POST", json });
  const name = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = decodeURIComponent(name ?? what);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
