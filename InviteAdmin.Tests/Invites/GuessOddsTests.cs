using InviteAdmin.Invites;

namespace InviteAdmin.Tests.Invites;

public sealed class GuessOddsTests
{
    [Fact]
    public void Guesses_UntilTheFirstHit_AreThirtyTwoToTheTwelfthOverTheCodes()
    {
        Assert.Equal(1_152_921_504_606_846_976d, GuessOdds.GuessesUntilHit(1));
        Assert.Equal(11_529_215_046_068d, Math.Floor(GuessOdds.GuessesUntilHit(100_000)));
    }

    [Theory]
    [InlineData(1, "One guess in 1.2 quintillion hits it: at 1,000 guesses a second that takes 37 million years on average.")]
    [InlineData(100, "One guess in 12 quadrillion hits one of them: at 1,000 guesses a second that takes 365 thousand years on average.")]
    [InlineData(100_000, "One guess in 12 trillion hits one of them: at 1,000 guesses a second that takes 365 years on average.")]
    public void OfRandom_SaysTheOddsInWords(long codes, string sentence) => Assert.Equal(sentence, GuessOdds.OfRandom(codes));

    [Fact]
    public void OfWord_WithoutAnEnd_AsksForOne() =>
        Assert.Equal("A word can be guessed, overheard and passed on; only its limit of 500 uses protects it. Give it an end.", GuessOdds.OfWord(500, null));
}
