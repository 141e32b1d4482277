import { make, say } from "./dom.js";

let receive = () => {};

/** From now on images that are dropped or pasted anywhere on the page go to a panel. */
export function takeImages(handler) { receive = handler; }

function give(files) {
  const images = [...files].filter((file) => file.size > 0);
  if (images.length) receive(images);
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    const entries = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!entries.length) return files;
    for (const inner of entries) if (!inner.name.startsWith(".")) files.push(...await filesOf(inner));
  }
}

let depth = 0;
const carriesFiles = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
addEventListener("dragenter", (event) => {
  if (!carriesFiles(event)) return;
  depth += 1;
  document.body.classList.add("dropping");
});
addEventListener("dragleave", () => {
  depth = Math.max(0, depth - 1);
  if (!depth) document.body.classList.remove("dropping");
});
addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
addEventListener("drop", async (event) => {
  depth = 0;
  document.body.classList.remove("dropping");
  if (!event.dataTransfer?.files.length && !event.dataTransfer?.items.length) return;
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return give(event.dataTransfer.files);
  try {
    give((await Promise.all(entries.map(filesOf))).flat());
  } catch { give(event.dataTransfer.files); }
});
addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) {
    event.preventDefault();
    give(event.clipboardData.files);
  }
});

/** The buttons that choose images: files, a folder, the camera. */
export function picker({ several = false } = {}) {
  const input = (attributes) => make("input", {
    type: "file", accept: "image/*", hidden: true,
    onchange: (event) => {
      give(event.target.files);
      event.target.value = "";
    }, ...attributes,
  });
  const files = input({ multiple: several });
  const folder = input({ webkitdirectory: true, accept: null });
  const button = (text, target, kind) =>
    make("button", { type: "button", class: kind, onclick: () => target.click() }, text);
  return make("div", { class: "pick" },
    make("div", { class: "row" },
      button(several ? "Choose images" : "Choose an image", files, "main"),
      several && button("Choose a folder", folder),
      navigator.mediaDevices && make("button", { type: "button", onclick: (event) => camera(event.target) }, "Camera")),
    files, several && folder,
    make("p", { class: "faint" }, `Or drop ${several ? "images or folders" : "an image"} anywhere on this page, or paste one.`));
}

/** Shows the camera until an image is taken. */
async function camera(button) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch {
    return say("There is no camera, or the browser may not use it.");
  }
  const video = make("video", { autoplay: true, playsinline: true, muted: true, width: 320 });
  video.srcObject = stream;
  const dialog = make("dialog", { "aria-label": "Camera" }, video);
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    dialog.remove();
    button.focus();
  };
  dialog.append(make("div", { class: "row" },
    make("button", {
      type: "button", class: "main", onclick: () => {
        const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
        canvas.getContext("2d").drawImage(video, 0, 0);
        canvas.toBlob((blob) => {
          dialog.close();
          give([new File([blob], "camera.jpg", { type: "image/jpeg" })]);
        }, "image/jpeg", 0.92);
      },
    }, "Take the picture"),
    make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  dialog.addEventListener("close", stop);
  document.body.append(dialog);
  dialog.showModal();
}

/** An image no larger than `side`, upright, as a PNG; the file itself where it is small, or the browser cannot read it. */
export async function reduced(file, side) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch { return { blob: file, isReduced: false }; }
  const scale = side / Math.max(bitmap.width, bitmap.height);
  const size = { width: bitmap.width, height: bitmap.height };
  if (scale >= 1) {
    bitmap.close();
    return { blob: file, isReduced: false, ...size };
  }
  const canvas = make("canvas", {
    width: Math.max(1, Math.round(size.width * scale)), height: Math.max(1, Math.round(size.height * scale)),
  });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return { blob, isReduced: true, ...size };
}
