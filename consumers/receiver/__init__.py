"""What a receiver of pushed messages is made of (SF1461 BeskedFåTilsendt); `consumers.modtag` puts it together."""
