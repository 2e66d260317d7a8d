// An image of a file, as it can be sent: PNG or JPEG, small enough for one message.

const PICTURE_TYPES = ["image/png", "image/jpeg"];
const MOST_BYTES = 700 * 1024; // of the file; base64 makes it a third more, a message holds 1 MiB
const SMALLER_PX = 1280; // the longer side of what had to be made smaller
const JPEG_QUALITY = 0.85;

function kilobytes(size) {
  return `${Math.round(size / 1024)} kB`;
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** A JPEG with a white ground, at most 1280 pixels wide or high. */
async function smaller(bitmap) {
  const scale = Math.min(1, SMALLER_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = element("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  const ground = canvas.getContext("2d");
  ground.fillStyle = "white";
  ground.fillRect(0, 0, canvas.width, canvas.height);
  ground.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
}

/** {url, name, note} of a file that is an image; an Error whose message is for the person. */
async function pictureOf(file) {
  const found = `${file.name || "What was given"} is ${file.type || "of no known type"}`;
  if (!PICTURE_TYPES.includes(file.type)) throw new Error(`${found}; an image must be PNG or JPEG.`);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${found}, but it cannot be read as one. Choose another file.`);
  });
  const fits = file.size <= MOST_BYTES;
  const blob = fits ? file : await smaller(bitmap);
  bitmap.close();
  if (blob.size > MOST_BYTES) {
    throw new Error(`${found} and has ${kilobytes(file.size)}; at most ${kilobytes(MOST_BYTES)} can be sent. Make it smaller.`);
  }
  const note = fits ? "" : `made smaller, ${kilobytes(file.size)} to ${kilobytes(blob.size)}`;
  return { url: await dataUrl(blob), name: file.name || "image", note };
}
