// Ways in: dropped, pasted, chosen.

export function receiveFiles({ open, welcome }) {
  const over = (on) => document.body.classList.toggle("dropping", on);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => !event.relatedTarget && over(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const [file] = event.dataTransfer.files;
    if (file) open(file);
    else welcome("only files can be dropped here; save the picture first");
  });
  addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) open(file);
  });
}

export function pick(input, use) {
  input.value = "";
  input.onchange = () => input.files[0] && use(input.files[0]);
  input.click();
}
