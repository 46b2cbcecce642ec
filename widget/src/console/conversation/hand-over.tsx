import { closePopover, Popover } from "../../controls/popover";

interface Props {
  readonly handOver: (to: string) => void;
}

export function HandOver({ handOver }: Props) {
  return (
    <Popover label="Hand over">
      <form
        class="transfer"
        onSubmit={(event) => {
          event.preventDefault();
          closePopover(event);
          handOver(String(new FormData(event.currentTarget).get("to") ?? "").trim());
        }}
      >
        <label for="transfer-to">Hand over to</label>
        <input id="transfer-to" name="to" required autocomplete="off" placeholder="Colleague's id" />
        <button type="submit" class="primary">
          Hand over
        </button>
      </form>
    </Popover>
  );
}
