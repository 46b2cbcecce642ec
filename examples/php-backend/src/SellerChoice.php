<?php

declare(strict_types=1);

namespace Shop;

/** Who answers: the seller this visitor talked to last, if he has time; else the one with the fewest open contacts. */
final class SellerChoice
{
    public function __construct(private readonly Events $events)
    {
    }

    public function choose(Fields $question): ?string
    {
        $lastSeller = $this->events->lastSellerOf($question->text('visitor', Fields::VISIBLE));
        $openContacts = [];
        foreach ($question->objects('candidates') as $candidate) {
            $open = $candidate->number('open_contacts', 0);
            $sellerId = $candidate->text('seller_id', Fields::SELLER_ID);
            if ($open < $candidate->number('capacity', 0)) {
                $openContacts[] = [$sellerId === $lastSeller ? 0 : 1, $open, $sellerId];
            }
        }
        return $openContacts === [] ? null : min($openContacts)[2];
    }
}
